import { judge } from '../../../lib/synth/check';
import { snapshotsIn } from '../../../lib/synth/files';
import { readSnapshots } from '../../../lib/synth/snapshot';
import { noStacks, type Stacks } from '../../../lib/synth/stated';
import { commentText } from '../../../lib/synth/told';

const existing = readSnapshots(snapshotsIn('config/synth'));

const textOf = (before = existing, after = existing) =>
  commentText(judge(before, after, [], []), 'config/synth');

test('a pull request that changes no stack is told so', () => {
  expect(textOf()).toBe('<!-- check:synth -->\n\n### What this changes in the stacks\n\nNothing.\n');
});

test('a change is told once, with the postures that it is in, as cdk diff writes it', () => {
  const now = JSON.parse(JSON.stringify(existing)) as Stacks;
  for (const posture of ['blue/testing', 'blue/frozen']) {
    const resources = now.upgrade.CobaltBlue![posture]!.Resources as Record<
      string,
      { Properties: Record<string, unknown> }
    >;
    const { OptionSettings } = resources.web08B6E5F3!.Properties;
    Object.assign(OptionSettings as object, { 'aws:autoscaling:asg MinSize': '2' });
  }
  expect(textOf(existing, now)).toBe(`<!-- check:synth -->

### What this changes in the stacks

<details><summary><b>CobaltBlue</b>, upgrade: blue/testing, blue/frozen</summary>

\`\`\`\`\`\`
Resources
[~] AWS::ElasticBeanstalk::Environment web08B6E5F3
 └─ [~] OptionSettings
     └─ [~] .aws:autoscaling:asg MinSize:
         ├─ [-] 1
         └─ [+] 2
\`\`\`\`\`\`
</details>
`);
});

test('what is refused comes before what changes', () => {
  const { CobaltTraffic: _, ...upgrade } = existing.upgrade;
  const text = textOf(existing, { ...existing, upgrade });
  expect(text.indexOf('**Refused:**')).toBeLessThan(text.indexOf('<details>'));
});

test('a comment fits into one, and says what is left out', () => {
  const stacks = Array.from({ length: 60 }, (_, index) => [
    `Stack${index}`,
    { one: { Resources: { Long: { Type: 'AWS::SNS::Topic', Text: `${index}─`.repeat(900) } } } },
  ]);
  const before = { ...noStacks(), upgrade: Object.fromEntries(stacks) };
  const text = textOf(before, {
    ...before,
    upgrade: JSON.parse(JSON.stringify(before.upgrade).replaceAll('─', '═')),
  });
  expect(Buffer.byteLength(text)).toBeLessThan(61_000);
  expect(text).toContain('npm run check:synth` prints it');
});
