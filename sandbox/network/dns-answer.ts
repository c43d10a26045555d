import dnsPacket from 'dns-packet';

export interface DnsRecord {
  name: string;
  type: 'A' | 'AAAA' | 'CNAME' | 'TXT' | 'NS' | 'SOA';
  ttlSeconds: number;
  /** Names without the trailing dot; texts and SOA as in a zone file. */
  value: string;
}

/** Whoever knows what the names mean now. */
export interface NameServer {
  lookup(
    name: string,
    type: string,
  ): { code: 'NOERROR' | 'NXDOMAIN' | 'REFUSED'; answers: DnsRecord[]; authority?: DnsRecord };
}

const codes = { NOERROR: 0, FORMERR: 1, NXDOMAIN: 3, NOTIMP: 4, REFUSED: 5 };

/** The reply to one message; undefined when it is not a question at all and deserves silence. */
export function answerTo(message: Buffer, names: NameServer, transport: 'udp' | 'tcp'): Buffer | undefined {
  const query = decode(message);
  if (!query) return formatError(message);
  if (query.type !== 'query') return undefined;
  const edns = query.additionals?.find((record) => record.type === 'OPT');
  const reply: dnsPacket.Packet = {
    type: 'response',
    id: query.id,
    questions: query.questions,
    flags: flagsOf(query, 'FORMERR'),
    additionals: edns
      ? [
          {
            type: 'OPT',
            name: '.',
            udpPayloadSize: 1232,
            flags: 0,
            options: [],
            extendedRcode: 0,
            ednsVersion: 0,
            flag_do: false,
          },
        ]
      : [],
  };
  Object.assign(reply, contentOf(query, names));
  const encoded = dnsPacket.encode(reply);
  const limit = transport === 'tcp' ? 65_535 : edns ? Math.max(512, edns.udpPayloadSize) : 512;
  if (encoded.length <= limit) return encoded;
  return dnsPacket.encode({ ...reply, answers: [], flags: reply.flags! | dnsPacket.TRUNCATED_RESPONSE });
}

function contentOf(query: dnsPacket.DecodedPacket, names: NameServer): Partial<dnsPacket.Packet> {
  const question = query.questions?.[0];
  // The published types lack the operation, which the package does decode.
  const { opcode } = query as { opcode?: string };
  if (opcode !== 'QUERY' || (question?.type as string) === 'ANY') return { flags: flagsOf(query, 'NOTIMP') };
  if (!question || query.questions!.length !== 1) return { flags: flagsOf(query, 'FORMERR') };
  if (question.class !== 'IN') return { flags: flagsOf(query, 'REFUSED') };
  const { code, answers, authority } = names.lookup(question.name, question.type);
  return {
    flags: flagsOf(query, code) | (code === 'REFUSED' ? 0 : dnsPacket.AUTHORITATIVE_ANSWER),
    answers: answers.map(toPacket),
    authorities: authority ? [toPacket(authority)] : [],
  };
}

function toPacket({ name, type, ttlSeconds: ttl, value }: DnsRecord): dnsPacket.Answer {
  if (type === 'TXT')
    return { name, type, ttl, data: [...value.matchAll(/"([^"]*)"/g)].map((match) => match[1]!) };
  if (type === 'SOA') {
    const [mname, rname, serial, refresh, retry, expire, minimum] = value.split(' ') as [
      string,
      string,
      ...string[],
    ];
    const numbers = { serial, refresh, retry, expire, minimum };
    const data = Object.fromEntries(Object.entries(numbers).map(([key, text]) => [key, Number(text)]));
    return { name, type, ttl, data: { mname: withoutDot(mname), rname: withoutDot(rname), ...data } };
  }
  return { name, type, ttl, data: value };
}

function withoutDot(name: string): string {
  return name.replace(/\.$/, '');
}

function flagsOf(query: dnsPacket.DecodedPacket, code: keyof typeof codes): number {
  return (query.flag_rd ? dnsPacket.RECURSION_DESIRED : 0) | codes[code];
}

function decode(message: Buffer): dnsPacket.DecodedPacket | undefined {
  try {
    return dnsPacket.decode(message);
  } catch {
    return undefined;
  }
}

/** A header alone, since nothing after the id of such a message can be trusted. */
function formatError(message: Buffer): Buffer | undefined {
  if (message.length < 12) return undefined;
  return dnsPacket.encode({ type: 'response', id: message.readUInt16BE(0), flags: codes.FORMERR });
}
