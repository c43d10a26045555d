import { XMLParser } from 'fast-xml-parser';

const parser = new XMLParser({
  ignoreAttributes: true,
  parseTagValue: false,
  isArray: (name) => name === 'Object',
});

// biome-ignore lint/suspicious/noExplicitAny: what a client sent has any shape until it is looked at.
export function parseXml(body: Buffer): any {
  return parser.parse(body);
}
