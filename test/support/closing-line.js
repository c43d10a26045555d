/** Ends a run with one plain line, for people and programs that read only the last. */
module.exports = class ClosingLine {
  onRunComplete(_, { numPassedTests, numFailedTests, numPendingTests, numFailedTestSuites }) {
    // A suite that could not even start failed, although no test of it did.
    const failed = Math.max(numFailedTests, numFailedTestSuites);
    const skipped = numPendingTests > 0 ? `, ${numPendingTests} skipped` : '';
    this.line = `${numPassedTests} passed, ${failed} failed${skipped}`;
  }

  getLastError() {
    // Asked for after every reporter has written its own summary.
    process.stdout.write(`${this.line}\n`);
  }
};
