import { XMLParser, XMLValidator } from 'fast-xml-parser';
import { AwsError } from '../errors';

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => name === 'Object',
});

/** An empty body is an empty document: some operations may come without one. */
// biome-ignore lint/suspicious/noExplicitAny: what a client sent has any shape until it is looked at.
export function parseXml(body: Buffer): any {
  if (body.length === 0) return {};
  const text = body.toString();
  try {
    if (XMLValidator.validate(text) === true) return parser.parse(text);
  } catch {
    // What the parser takes for an attack is malformed as well.
  }
  throw malformed();
}

export function malformed(): AwsError {
  return new AwsError(
    'MalformedXML',
    'The XML you provided was not well-formed or did not validate against our published schema',
  );
}
