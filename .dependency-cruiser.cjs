/** The arrows of the layout: which folder may import which. */
const sdk = '^(@aws-sdk|@smithy)/|node_modules/(@aws-sdk|@smithy)/';
const cdk = 'node_modules/(aws-cdk-lib|constructs|@aws-cdk)/';

module.exports = {
  forbidden: [
    { name: 'no-cycles', severity: 'error', from: {}, to: { circular: true, viaOnly: { dependencyTypesNot: ['type-only'] } } },
    { name: 'sandbox-stands-alone', severity: 'error', from: { path: '^sandbox' }, to: { path: '^(lib|bin|scripts)' } },
    { name: 'sandbox-uses-no-sdk', severity: 'error', from: { path: '^sandbox' }, to: { path: sdk } },
    { name: 'lib-knows-no-sandbox', severity: 'error', from: { path: '^(lib|bin)' }, to: { path: '^(sandbox|scripts|test)' } },
    { name: 'runbook-knows-no-aws', severity: 'error', from: { path: '^lib/runbook' }, to: { path: `^lib/(?!runbook)|${sdk}|${cdk}` } },
    { name: 'upgrade-knows-no-client', severity: 'error', from: { path: '^lib/upgrade' }, to: { path: `^lib/aws|${sdk}` } },
    { name: 'aws-translates-only', severity: 'error', from: { path: '^lib/aws' }, to: { path: '^lib/(stacks|constructs|app)' } },
    { name: 'constructs-know-no-stack', severity: 'error', from: { path: '^lib/constructs' }, to: { path: '^lib/(stacks|upgrade|aws)' } },
    { name: 'sdk-only-in-lib-aws', severity: 'error', from: { path: '^(bin|scripts|lib/(?!aws))' }, to: { path: sdk } },
    { name: 'database-only-in-sandbox', severity: 'error', from: { path: '^(bin|lib|scripts)' }, to: { path: 'node_modules/pg/' } },
  ],
  options: {
    tsConfig: { fileName: 'tsconfig.json' },
    tsPreCompilationDeps: true,
    doNotFollow: { path: 'node_modules' },
    enhancedResolveOptions: { exportsFields: ['exports'], conditionNames: ['require', 'node', 'default', 'types'] },
  },
};
