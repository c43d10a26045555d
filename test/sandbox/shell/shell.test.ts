import fs from 'node:fs';
import path from 'node:path';
import { Shell } from '../../../sandbox/shell/shell';
import type { Application, StoredParameter } from '../../../sandbox/world';
import { fakeInstance, fakeWorld } from './fake-world';
import { runScript } from './run-script';

const secret: StoredParameter = {
  name: '/cobalt/production/secrets/RDS_PASSWORD',
  type: 'SecureString',
  value: 'open sesame',
  version: 1,
  lastModifiedMs: 0,
};
const manage: Application['manage'] = async (args, environ, print) => {
  if (args[0] === 'crash') throw new Error('django.db.utils.OperationalError');
  print(
    `${args.join(' ')} on ${environ.RDS_DB_NAME}, ${Object.keys(environ).filter((name) => /SANDBOX|BASH_ENV/.test(name)).length}\n`,
  );
  if (args[0] === 'mpc_sync') {
    await world.clock.sleep(3 * 3_600_000);
    print('synced\n');
  }
  return args[0] === 'fail' ? 3 : 0;
};
const world = fakeWorld({
  parameters: {
    arnOf: (name) => `arn:aws:ssm:ap-southeast-2:111122223333:parameter${name}`,
    read: (name) => (name === secret.name ? secret : undefined),
    put: () => secret,
    remove: () => {},
  },
  application: {
    crontab: [],
    manage,
    serve: async () => ({ status: 200, headers: {}, body: '' }),
    close: async () => {},
  },
});
const instance = fakeInstance(world);
const shell = new Shell({ world });
const run = (script: string) => runScript(world, shell, instance, script);

afterAll(() => {
  shell.close();
  world.remove();
});

// On a busy machine a shell that works may look as if it waited, and time goes on too early.
jest.retryTimes(2, { logErrorsBeforeRetry: true });

describe('a script on an instance', () => {
  test('is run by bash, with its output, errors and exit code', async () => {
    const script =
      'set -euo pipefail\nnames=(a b)\nprintf "%s\\n" "${names[@]}" | sort -r\necho no >&2\nexit 7';
    expect(await run(script)).toEqual({ code: 7, stdout: 'b\na\n', stderr: 'no\n' });
  });

  test('sees the folder of its instance under the paths of an instance', async () => {
    await run('mkdir -p /var/app/current && echo 1 >/var/app/current/file && echo 2 >"/tmp/x"');
    expect(fs.readFileSync(path.join(instance.folder, 'var/app/current/file'), 'utf8')).toBe('1\n');
    expect((await run('cd /var/app/current; cat file /tmp/x; file=$(mktemp); rm "$file"')).stdout).toBe(
      '1\n2\n',
    );
    expect((await run('echo https://host/proc "$HOME/proc" a/tmp')).stdout).toMatch(
      /https:\/\/host\/proc \/.*\/proc a\/tmp/,
    );
  });

  test('has an environment of its own', async () => {
    const { stdout } = await run(
      'env | grep -vE "^(SANDBOX_|BASH_ENV|_=|SHLVL|PWD|OLDPWD)" | cut -d= -f1 | sort',
    );
    expect(stdout.split('\n').filter(Boolean)).toEqual(['HOME', 'LANG', 'PATH', 'TMPDIR']);
  });

  test('fails on a command that is not modelled, even if it does not look', async () => {
    const { code, stderr } = await run('jq . 2>/dev/null || true\necho went on');
    expect(code).toBe(127);
    expect(stderr).toBe('sandbox: does not model the command jq\n');
    expect((await run('command -v jq || echo none')).stdout).toBe('none\n');
  });

  test('fails on an option that is not modelled', async () => {
    const { code, stderr } = await run('systemctl restart nginx || true');
    expect(code).toBe(127);
    expect(stderr).toBe('sandbox: does not model systemctl restart nginx\n');
  });

  test('takes the words of a command as they are, whatever is in them', async () => {
    const { code, stderr } = await run("df '' 'a  b' \"it's\" '*'");
    expect(code).toBe(127);
    expect(stderr).toBe("sandbox: does not model df  a  b it's *\n");
  });

  test('may not name a path of the machine that we run on', async () => {
    expect(await run('echo hello; /usr/bin/psql')).toEqual({
      code: 127,
      stdout: '',
      stderr: 'sandbox: does not model the path /usr/bin/psql\n',
    });
    expect((await run('#!/bin/bash\necho fine')).stdout).toBe('fine\n');
  });

  test('is ended with all that it started', async () => {
    const running = await shell.run({
      instance,
      script: "trap '' TERM\nwhile :; do flock /tmp/lock timeout 500 sleep 400; done",
      onStdout: () => {},
      onStderr: () => {},
    });
    await new Promise((resolve) => setTimeout(resolve, 300));
    running.end();
    expect(await running.exitCode).toBe(137);
  });
});

describe('time on an instance', () => {
  test('is the sandbox’s: an hour’s sleep is over at once', async () => {
    const before = world.clock.nowMs();
    const { stdout } = await run('a=$(date +%s); sleep 1h; b=$(date +%s); echo $(( (b - a) / 60 ))');
    expect(stdout).toBe('60\n');
    expect(world.clock.nowMs() - before).toBeGreaterThanOrEqual(3_600_000);
    expect((await run('date -u +%Y-%m')).stdout).toBe('2026-11\n');
  });

  test('runs out for a command under timeout', async () => {
    expect((await run('timeout 5 sleep 100; echo $?')).stdout).toBe('124\n');
    expect((await run('timeout 100 sh -c "exit 3"; echo $?')).code).toBe(127);
    expect((await run('timeout 100 bash -c "exit 3"; echo $?')).stdout).toBe('3\n');
  });
});

describe('locks', () => {
  test('keep a second command out', async () => {
    const script =
      'flock /tmp/lock bash -c "sleep 10; echo first" &\nsleep 1\nflock -n /tmp/lock echo second || echo busy\nwait';
    expect((await run(script)).stdout).toBe('busy\nfirst\n');
  });

  test('are waited for', async () => {
    const script =
      'flock /tmp/lock bash -c "sleep 10; echo first" &\nsleep 1\nflock -w 60 /tmp/lock echo second\nwait';
    expect((await run(script)).stdout).toBe('first\nsecond\n');
  });

  test('on a descriptor last as long as the shell that took them', async () => {
    const hold =
      '( exec 9>/tmp/held; flock -n 9; sleep 20 ) &\nsleep 1\n( flock -n 9 || echo busy ) 9>/tmp/held\nwait\n';
    expect((await run(`${hold}( flock -n 9 && echo free ) 9>/tmp/held`)).stdout).toBe('busy\nfree\n');
  });
});

describe('cron', () => {
  test('is stopped and disabled, and says so', async () => {
    const { stdout } = await run(
      'systemctl disable --now crond; systemctl is-active crond || echo $?; systemctl is-enabled crond || echo $?',
    );
    expect(stdout).toBe('inactive\n3\ndisabled\n1\n');
    expect(instance.cron).toMatchObject({ enabled: false, running: false });
    await run('systemctl enable crond && systemctl start crond');
    expect(instance.cron).toMatchObject({ enabled: true, running: true });
  });
});

describe('the application on an instance', () => {
  const python = 'export RDS_DB_NAME=ebdb\ncd /var/app/current\npython=(/var/app/venv/*/bin/python)\n';

  test('is run by its own interpreter, as a process of the instance', async () => {
    const script = `${python}"\${python[0]}" manage.py migrate --noinput; "\${python[0]}" manage.py fail`;
    expect(await run(script)).toEqual({
      code: 3,
      stdout: 'migrate --noinput on ebdb, 0\nfail on ebdb, 0\n',
      stderr: '',
    });
    expect(instance.processes.size).toBe(0);
  });

  test('runs from an empty environment', async () => {
    const script = `${python}env -i RDS_DB_NAME=other "\${python[0]}" /var/app/current/manage.py migrate`;
    expect((await run(script)).stdout).toBe('migrate on other, 0\n');
  });

  test('fails with its traceback', async () => {
    const { code, stderr } = await run(`${python}./manage.py crash`);
    expect(code).toBe(1);
    expect(stderr).toMatch(/^Traceback[\s\S]*OperationalError/);
  });

  test('is found in /proc and can be ended', async () => {
    const script = `${python}"\${python[0]}" manage.py mpc_sync & job=$!
      sleep 60
      for file in /proc/[0-9]*/cmdline; do
        tr '\\0' ' ' <"$file" | grep -q 'manage.py mpc_sync' && pid=$(basename "$(dirname "$file")")
      done
      kill -0 "$pid" && kill "$pid"
      wait "$job"; echo "ended with $?"
      kill -0 "$pid"`;
    const { stdout, stderr, code } = await run(script);
    expect(stdout).toBe('mpc_sync on ebdb, 0\nended with 143\n');
    expect(stderr).toMatch(/No such process/);
    expect(code).toBe(1);
  });

  test('kill touches nothing else of this machine', async () => {
    const { code } = await run(`kill -0 ${process.pid}`);
    expect(code).toBe(1);
    expect((await run('sleep 500 & kill $!; wait $!; echo $?')).stdout).toBe('143\n');
  });
});

describe('what a script asks its surroundings', () => {
  test('reads the deployed variables', async () => {
    instance.deployed = { RDS_DB_NAME: 'ebdb', STRIPE_SECRET_KEY: 'sk $1' };
    instance.deployedSecrets = new Set(['STRIPE_SECRET_KEY']);
    const { stdout } = await run(
      '/opt/elasticbeanstalk/bin/get-config environment; /opt/elasticbeanstalk/bin/get-config environment -k RDS_DB_NAME',
    );
    expect(stdout).toBe('{"RDS_DB_NAME":"ebdb","STRIPE_SECRET_KEY":"sk $1"}\nebdb\n');
    world.switches.shellSeesSecrets = false;
    expect((await run('/opt/elasticbeanstalk/bin/get-config environment')).stdout).toBe(
      '{"RDS_DB_NAME":"ebdb"}\n',
    );
    world.switches.shellSeesSecrets = true;
  });

  const getParameter = `aws ssm get-parameter --name ${secret.name} --with-decryption --query Parameter.Value --output text`;

  test('reads a secret with the rights of the instance’s role', async () => {
    expect((await run(getParameter)).stdout).toBe('open sesame\n');
    world.iam.decide = () => 'explicitDeny';
    const refused = await run(getParameter);
    world.iam.decide = () => 'allowed';
    expect(refused.code).toBe(254);
    expect(refused.stderr).toMatch(
      /^\nAn error occurred \(AccessDeniedException\) when calling the GetParameter operation: User: arn:aws:sts::111122223333:assumed-role\/cobalt-production-green\/i-0123456789abcdef0 is not authorized to perform: ssm:GetParameter on resource: .* with an explicit deny in an identity-based policy\n$/,
    );
    expect((await run(getParameter.replace('RDS_PASSWORD', 'OTHER'))).stderr).toMatch(
      /\(ParameterNotFound\)/,
    );
    expect((await run('aws s3 ls')).stderr).toBe('sandbox: does not model aws s3 ls\n');
  });

  test('makes a secret from its own input, unless there is one', async () => {
    const made: unknown[] = [];
    world.parameters.put = (...given) => {
      made.push(given);
      return secret;
    };
    const put = (name: string) =>
      run(
        `printf '%s' '{"Name":"${name}","Type":"SecureString","Value":"a \\"b\\" $1"}' | aws ssm put-parameter --cli-input-json file:///dev/stdin`,
      );
    expect(await put('/cobalt/production/secrets/NEW')).toMatchObject({ code: 0, stderr: '' });
    expect(made).toEqual([['/cobalt/production/secrets/NEW', 'a "b" $1', 'SecureString']]);
    expect((await put(secret.name)).stderr).toMatch(/\(ParameterAlreadyExists\)/);
    world.iam.decide = () => 'implicitDeny';
    expect((await put('/cobalt/production/secrets/NEW')).stderr).toMatch(
      /\(AccessDeniedException\).*ssm:PutParameter/,
    );
    world.iam.decide = () => 'allowed';
    expect(made).toHaveLength(1);
  });

  test('measures the free disk', async () => {
    Object.assign(instance, { diskFreeMb: 123 });
    expect((await run("df -Pm /var/app | awk 'NR == 2 { print $4 }'")).stdout).toBe('123\n');
  });

  test('is root, and may act as the web user', async () => {
    expect(
      (await run("id -u; sudo -u webapp A=1 bash -c 'echo $A'; runuser -u webapp -- echo hello")).stdout,
    ).toBe('0\n1\nhello\n');
  });
});
