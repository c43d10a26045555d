import { z } from 'zod';
import { AwsError } from '../../errors';
import { input, text } from '../../protocol/shapes';
import { type Operation, operation } from '../../service';
import { neededCapability } from '../capabilities';
import { primaryIdentifier } from '../specification';
import { parseTemplate, type Template } from '../template';
import { readTemplateText } from '../template-text';
import { changeSetName, changeSetOf } from './change-sets';
import type { Context } from './context';

const source = { TemplateBody: text.optional(), TemplateURL: text.optional() };

export function templateOperations(context: Context): Record<string, Operation> {
  const { stacks, site } = context;
  const given = (request: { TemplateBody?: string | undefined; TemplateURL?: string | undefined }) => {
    const body = readTemplateText(request, site.world.buckets);
    if (body === undefined)
      throw new AwsError('ValidationError', 'Either Template URL or Template Body must be specified.');
    return parseTemplate(body);
  };
  return {
    GetTemplate: operation(
      input({
        StackName: text,
        ChangeSetName: changeSetName.optional(),
        TemplateStage: z.enum(['Original', 'Processed']).optional(),
      }),
      (request) => {
        const { StackName, ChangeSetName } = request;
        const { desired } =
          ChangeSetName === undefined
            ? stacks.get(StackName)
            : changeSetOf(context, { StackName, ChangeSetName }).changeSet;
        // A stack that is only reviewed has none yet; the toolkit asks all the same.
        if (!desired) return { StagesAvailable: { member: ['Original', 'Processed'] } };
        return { TemplateBody: desired.text, StagesAvailable: { member: ['Original', 'Processed'] } };
      },
    ),
    GetTemplateSummary: operation(input({ ...source, StackName: text.optional() }), (request) => {
      if (request.StackName === undefined) return summarise(given(request));
      const { desired, name } = stacks.get(request.StackName);
      if (!desired) throw new AwsError('ValidationError', `Template of ${name} does not exist`);
      return summarise(desired.template);
    }),
    ValidateTemplate: operation(input(source), (request) => {
      const template = given(request);
      const needed = neededCapability(template);
      return {
        Description: template.Description,
        Parameters: {
          member: Object.entries(template.Parameters).map(([key, parameter]) => ({
            ParameterKey: key,
            DefaultValue: parameter.Default,
            NoEcho: String(parameter.NoEcho) === 'true',
            Description: parameter.Description,
          })),
        },
        Capabilities: { member: needed ? [needed] : [] },
        CapabilitiesReason: needed && `The following resource(s) require capabilities: [${needed}]`,
      };
    }),
  };
}

function summarise(template: Template): object {
  const needed = neededCapability(template);
  const resources = Object.entries(template.Resources);
  const types = [...new Set(resources.map(([, { Type }]) => Type))];
  return {
    Description: template.Description,
    Version: template.AWSTemplateFormatVersion,
    Parameters: {
      member: Object.entries(template.Parameters).map(([key, parameter]) => ({
        ParameterKey: key,
        ParameterType: parameter.Type,
        DefaultValue: parameter.Default,
        NoEcho: String(parameter.NoEcho) === 'true',
        Description: parameter.Description,
        ParameterConstraints: { AllowedValues: { member: parameter.AllowedValues ?? [] } },
      })),
    },
    Capabilities: { member: needed ? [needed] : [] },
    CapabilitiesReason: needed && `The following resource(s) require capabilities: [${needed}]`,
    ResourceTypes: { member: types },
    ResourceIdentifierSummaries: {
      member: types.map((type) => ({
        ResourceType: type,
        LogicalResourceIds: { member: resources.filter(([, { Type }]) => Type === type).map(([id]) => id) },
        ResourceIdentifiers: { member: primaryIdentifier(type) },
      })),
    },
  };
}
