/** One worker for each core: every suite may start a PostgreSQL of its own. */
module.exports = {
  testEnvironment: 'node',
  testMatch: ['<rootDir>/test/**/*.test.ts'],
  transform: {
    '^.+\\.ts$': ['@swc/jest', { jsc: { target: 'es2022', parser: { syntax: 'typescript' } } }],
  },
  testTimeout: 180_000,
  maxWorkers: '100%',
  reporters: ['default', '<rootDir>/test/support/closing-line.js'],
};
