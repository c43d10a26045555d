import { createHash } from 'node:crypto';
import { Html, html } from './html';
import { patterns } from './signs';
import { style } from './style';

/** A document that stands alone: it asks for nothing, and nothing in it runs but what is given here. */
export interface Document {
  title: string;
  body: Html;
  /** A script of the tool's own. */
  script?: string;
}

/** https://developer.mozilla.org/en-US/docs/Web/HTTP/Reference/Headers/Content-Security-Policy */
export function policyOf(script?: string): string {
  return [
    "default-src 'none'",
    `style-src '${digest(style)}'`,
    ...(script === undefined ? [] : [`script-src '${digest(script)}'`, "connect-src 'self'"]),
    'img-src data:',
    "base-uri 'none'",
    "form-action 'none'",
  ].join('; ');
}

const digest = (text: string) => `sha256-${createHash('sha256').update(text).digest('base64')}`;

export function framed({ title, body, script }: Document): string {
  return html`<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta http-equiv="Content-Security-Policy" content="${policyOf(script)}">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="referrer" content="no-referrer">
<link rel="icon" href="data:,">
<title>${title}</title>
<style>${new Html(style)}</style>
</head>
<body>
<a class="skip" href="#content">To the content</a>
${patterns}
${body}
${script !== undefined && html`<script>${new Html(script)}</script>`}
</body>
</html>
`.markup;
}
