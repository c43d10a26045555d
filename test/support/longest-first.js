const { default: Sequencer } = require('@jest/test-sequencer');

/** What takes minutes, however short its file: begun late, it would be waited for alone at the end. */
const long = [/test.simulation.(seeds|mutants)/, /test.(end-to-end|nights|lib.upgrade.runbooks)/];

/** Jest itself begins with what took longest the last time, or, as on a fresh clone, with the largest file. */
module.exports = class LongestFirst extends Sequencer {
  sort(tests) {
    const left = super.sort(tests);
    const of = (pattern) => left.filter(({ path }) => pattern.test(path));
    return [...new Set([...long.flatMap(of), ...left])];
  }
};
