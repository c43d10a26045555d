import { seededSession } from '../../sandbox/application/production';
import type { WebRequest } from '../../sandbox/world';

/** Somebody who was logged in before the night, counted from 0. */
export const member = seededSession;

/** A form that a browser sends, with the cookie it keeps. */
export function form(path: string, fields: Record<string, string>, cookie = ''): Partial<WebRequest> {
  return {
    method: 'POST',
    path,
    headers: { 'content-type': 'application/x-www-form-urlencoded', cookie },
    body: new URLSearchParams(fields).toString(),
  };
}
