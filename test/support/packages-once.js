const { createRequire, isBuiltin } = require('node:module');
const { default: Runtime } = require('jest-runtime');

/** Loads a package as Node does: once for all test files of a worker. CDK and the SDK alone take seconds. */
module.exports = class PackagesOnce extends Runtime {
  requireModuleOrMock(from, name) {
    const isOurs =
      name.startsWith('.') || name.startsWith('/') || isBuiltin(name) || name.startsWith('@jest/');
    return isOurs ? super.requireModuleOrMock(from, name) : createRequire(from)(name);
  }
};
module.exports.default = module.exports;
