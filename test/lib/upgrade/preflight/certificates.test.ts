import { covers } from '../../../../lib/upgrade/preflight/certificates';

test.each([
  ['itself', 'www.myabf.com.au', 'www.myabf.com.au', true],
  ['itself in capitals', 'WWW.myabf.com.au', 'www.MyABF.com.au', true],
  ['one label more', '*.myabf.com.au', 'ses.myabf.com.au', true],
  ['no label more', '*.myabf.com.au', 'myabf.com.au', false],
  ['two labels more', '*.myabf.com.au', 'a.ses.myabf.com.au', false],
  ['a name that only ends alike', '*.myabf.com.au', 'ses.notmyabf.com.au', false],
  ['what is below a plain name', 'myabf.com.au', 'www.myabf.com.au', false],
])('a certificate and %s', (_, name, host, covered) => {
  expect(covers(name, host)).toBe(covered);
});
