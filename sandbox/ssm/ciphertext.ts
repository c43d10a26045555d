import { createHash } from 'node:crypto';
import type { StoredParameter } from '../world';

/** What a secure parameter looks like to whoever does not ask for its decryption. */
export function pretendCiphertext({ name, version, value }: StoredParameter): string {
  const bytes = createHash('sha512').update(`${name}:${version}:${value}`).digest();
  return `AQICAHh${bytes.toString('base64')}`;
}
