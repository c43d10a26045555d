const vm = require('node:vm');
const { ModuleMocker } = require('jest-mock');

const { compileFunction } = vm;
vm.compileFunction = (source, parameters, { parsingContext, ...options } = {}) =>
  compileFunction(
    source,
    parameters,
    parsingContext === globalThis ? options : { ...options, parsingContext },
  );

/**
 * Jest gives each test file global objects of its own, which packages loaded outside of it would not share. Here a
 * worker has one set, so that it loads every package once; what a file did to it is taken back at its end.
 */
module.exports = class OneRealm {
  global = globalThis;
  moduleMocker = new ModuleMocker(globalThis);
  fakeTimers = null;
  fakeTimersModern = null;
  before = { env: { ...process.env }, exit: process.exit, console: globalThis.console };

  getVmContext() {
    return globalThis;
  }

  exportConditions() {
    return ['node', 'node-addons'];
  }

  async setup() {}

  async teardown() {
    for (const name of Object.keys(process.env)) delete process.env[name];
    Object.assign(process.env, this.before.env);
    process.exit = this.before.exit;
    globalThis.console = this.before.console;
  }
};
