import { input } from '../../../sandbox/protocol/shapes';
import { operation, type RestAnswer, type RestRequest, type Service } from '../../../sandbox/service';
import type { Site } from './support';

/** Just enough of STS and S3 for the CDK to deploy: who am I, and a bucket for templates. */
export function standIns({ objects }: Site): Service[] {
  return [
    {
      name: 'sts',
      protocol: 'query',
      namespace: 'https://sts.amazonaws.com/doc/2011-06-15/',
      operations: {
        GetCallerIdentity: operation(input({}), () => ({
          Arn: 'arn:aws:iam::111122223333:user/tester',
          UserId: 'AIDATEST',
          Account: '111122223333',
        })),
      },
    },
    { name: 's3', protocol: 'rest-xml', operations: {}, handle: async (request) => answer(request, objects) },
  ];
}

function answer({ method, path, query, body }: RestRequest, objects: Map<string, Buffer>): RestAnswer {
  const [bucket = '', ...rest] = path.slice(1).split('/');
  const key = `${bucket}/${rest.join('/')}`;
  const xml = (text: string) => ({ status: 200, headers: { 'content-type': 'application/xml' }, body: text });
  if (method === 'PUT') {
    objects.set(key, body);
    return { status: 200, headers: { etag: '"1"' } };
  }
  if (query.has('location')) return xml('<LocationConstraint>ap-southeast-2</LocationConstraint>');
  if (query.has('encryption'))
    return { status: 404, body: errorXml('ServerSideEncryptionConfigurationNotFoundError') };
  if (query.get('list-type') === '2') {
    const found = objects.has(`${bucket}/${query.get('prefix')}`);
    const contents = found ? `<Contents><Key>${query.get('prefix')}</Key><Size>1</Size></Contents>` : '';
    return xml(`<ListBucketResult><KeyCount>${found ? 1 : 0}</KeyCount>${contents}</ListBucketResult>`);
  }
  return { status: 404, body: errorXml('NoSuchKey') };
}

const errorXml = (code: string) => `<Error><Code>${code}</Code><Message>${code}</Message></Error>`;
