import { createHash } from 'node:crypto';
import { crc32 } from 'node:zlib';
import { AwsError, notModelled } from '../errors';
import type { RestRequest } from '../service';

type Headers = RestRequest['headers'];

/**
 * The bytes of an upload, its chunks joined and its checksums compared.
 *
 * Chunks: https://docs.aws.amazon.com/AmazonS3/latest/API/sigv4-streaming-trailers.html
 */
export function uploadedBody(request: RestRequest): Buffer {
  const chunked = request.headers['x-amz-content-sha256']?.startsWith('STREAMING-') ?? false;
  const { body, trailers } = chunked ? joinChunks(request.body) : { body: request.body, trailers: {} };
  const expected = request.headers['x-amz-decoded-content-length'];
  if (expected !== undefined && Number(expected) !== body.length)
    throw new AwsError(
      'IncompleteBody',
      'You did not provide the number of bytes specified by the Content-Length HTTP header.',
    );
  compareChecksums(body, { ...request.headers, ...trailers });
  return body;
}

function joinChunks(framed: Buffer): { body: Buffer; trailers: Headers } {
  const chunks: Buffer[] = [];
  let at = 0;
  for (;;) {
    const lineEnd = framed.indexOf('\r\n', at);
    const length = Number.parseInt(framed.toString('latin1', at, lineEnd), 16);
    if (lineEnd === -1 || Number.isNaN(length))
      throw new AwsError('IncompleteBody', 'The body is not a sequence of chunks.');
    at = lineEnd + 2;
    if (length === 0) break;
    chunks.push(framed.subarray(at, at + length));
    at += length + 2;
  }
  const trailers: Headers = {};
  for (const line of framed.toString('latin1', at).split('\r\n')) {
    const colon = line.indexOf(':');
    if (colon > 0) trailers[line.slice(0, colon).trim().toLowerCase()] = line.slice(colon + 1).trim();
  }
  return { body: Buffer.concat(chunks), trailers };
}

function compareChecksums(body: Buffer, headers: Headers): void {
  if (headers['content-md5'] !== undefined && headers['content-md5'] !== digest('md5', body))
    throw new AwsError('BadDigest', 'The Content-MD5 you specified did not match what we received.');
  for (const [name, value] of Object.entries(headers)) {
    const algorithm = /^x-amz-checksum-(.+)$/.exec(name)?.[1];
    if (!algorithm || algorithm === 'mode') continue;
    if (checksum(algorithm, body) !== value)
      throw new AwsError(
        'BadDigest',
        `The ${algorithm.toUpperCase()} you specified did not match the calculated checksum.`,
      );
  }
}

function checksum(algorithm: string, body: Buffer): string {
  switch (algorithm) {
    case 'sha1':
    case 'sha256':
      return digest(algorithm, body);
    case 'crc32': {
      const bytes = Buffer.alloc(4);
      bytes.writeUInt32BE(crc32(body));
      return bytes.toString('base64');
    }
    case 'crc64nvme':
      return crc64Nvme(body);
    default:
      throw notModelled(`the checksum ${algorithm}`);
  }
}

function digest(algorithm: string, body: Buffer): string {
  return createHash(algorithm).update(body).digest('base64');
}

const allOnes = 0xffffffffffffffffn;
/** The reflected polynomial of CRC-64/NVME. */
const polynomial = 0x9a6c9329ac4bc9b5n;
const table = Array.from({ length: 256 }, (_, index) => {
  let remainder = BigInt(index);
  for (let bit = 0; bit < 8; bit++)
    remainder = remainder & 1n ? (remainder >> 1n) ^ polynomial : remainder >> 1n;
  return remainder;
});

function crc64Nvme(body: Buffer): string {
  let crc = allOnes;
  for (const byte of body) crc = (crc >> 8n) ^ (table[Number((crc ^ BigInt(byte)) & 0xffn)] as bigint);
  const bytes = Buffer.alloc(8);
  bytes.writeBigUInt64BE(crc ^ allOnes);
  return bytes.toString('base64');
}
