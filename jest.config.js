/** One worker for each core: every suite may start a PostgreSQL of its own. */
module.exports = {
  testEnvironment: '<rootDir>/test/support/one-realm.js',
  runtime: '<rootDir>/test/support/packages-once.js',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  testSequencer: '<rootDir>/test/support/longest-first.js',
  testTimeout: 180_000,
  maxWorkers: '100%',
  // A large process takes long to start another one, and every command of an instance is one.
  workerIdleMemoryLimit: '600MB',
  reporters: ['default', '<rootDir>/test/support/closing-line.js'],
};
