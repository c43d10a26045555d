import { readdirSync, readFileSync } from 'node:fs';
import path from 'node:path';
import ts from 'typescript';

/** An error that a command can end with, as the source has it. */
export interface ErrorCode {
  code: string;
  /** What is so, and what to type next; what is filled in then is written …. */
  so: string;
  next: string;
  /** The name of its class, which gives the exit code. */
  class: string;
  file: string;
}

const isCode = (text: string) => /^[A-Z]{4,}(_[A-Z]+)*$/.test(text);
const classNames = ['Usage', 'Precondition', 'StepFailed', 'LockHeld', 'Declined', 'Invariant'].map(
  (name) => `${name}Error`,
);

/** Every error of these folders: what is constructed of a class of lib/runbook/errors.ts, at once or by a function of its file. */
export function errorCodes(folders: string[]): ErrorCode[] {
  const files = folders.flatMap(filesIn).sort();
  const parsed = files.map((file) =>
    ts.createSourceFile(file, readFileSync(file, 'utf8'), ts.ScriptTarget.Latest, true),
  );
  const makers = new Map(parsed.flatMap((file) => [...makersIn(file)]));
  return parsed.flatMap((file) => found(file, makers));
}

function filesIn(folder: string): string[] {
  const files = readdirSync(folder, { recursive: true, encoding: 'utf8' });
  return files.filter((file) => file.endsWith('.ts')).map((file) => path.join(folder, file));
}

interface Said {
  so: string;
  next: string;
}
type Maker = Said & { name: string };

/** The functions that make an error of a code that they are given: by name, the class that they make it of and what they say. */
function makersIn(file: ts.SourceFile): Map<string, Maker> {
  const makers = new Map<string, Maker>();
  each(file, (node) => {
    if (!ts.isNewExpression(node) || !classNames.includes(node.expression.getText())) return;
    const [code] = node.arguments ?? [];
    if (!code || !ts.isIdentifier(code)) return;
    const maker = ts.findAncestor(node, (above) => parametersOf(above).includes(code.text));
    const name = maker && nameOf(maker);
    if (name) makers.set(name, { name: node.expression.getText(), ...textOf(node) });
  });
  return makers;
}

function parametersOf(node: ts.Node): string[] {
  return ts.isFunctionLike(node) ? node.parameters.map(({ name }) => name.getText()) : [];
}

function nameOf(node: ts.Node): string | undefined {
  if (ts.isFunctionDeclaration(node)) return node.name?.text;
  return ts.isVariableDeclaration(node.parent) ? node.parent.name.getText() : undefined;
}

function found(file: ts.SourceFile, makers: Map<string, Maker>): ErrorCode[] {
  const codes: ErrorCode[] = [];
  each(file, (node) => {
    if (!ts.isNewExpression(node) && !ts.isCallExpression(node)) return;
    const called = node.expression.getText();
    const maker = classNames.includes(called) ? { name: called, so: '', next: '' } : makers.get(called);
    const code = node.arguments?.find((each) => ts.isStringLiteral(each) && isCode(each.text));
    if (!maker || !code) return;
    const said = textOf(node);
    codes.push({
      code: (code as ts.StringLiteral).text,
      so: maker.so || said.so,
      next: maker.next || said.next,
      class: maker.name,
      file: file.fileName,
    });
  });
  return codes;
}

/** What is said of it: as properties, or to its maker, after the code. */
function textOf(node: ts.NewExpression | ts.CallExpression): Said {
  const text = { so: '', next: '' };
  for (const argument of node.arguments ?? [])
    each(argument, (inner) => {
      if (!ts.isPropertyAssignment(inner) && !ts.isShorthandPropertyAssignment(inner)) return;
      const name = inner.name.getText();
      const value = ts.isPropertyAssignment(inner) ? inner.initializer : inner.name;
      if (name === 'so' || name === 'next') text[name] ||= known(written(value));
    });
  const said = (node.arguments ?? []).map(written).filter((words) => words.includes(' '));
  return text.so === '' ? { so: said[0] ?? '', next: said[1] ?? text.next } : text;
}

const known = (text: string) => (/[a-z]/.test(text) ? text : '');

/** A text with … where something is filled in. */
function written(expression: ts.Expression): string {
  if (ts.isStringLiteralLike(expression)) return expression.text;
  if (ts.isTemplateExpression(expression))
    return [expression.head.text, ...expression.templateSpans.map(({ literal }) => literal.text)].join('…');
  if (ts.isConditionalExpression(expression))
    return `${written(expression.whenTrue)} / ${written(expression.whenFalse)}`;
  const declared = ts.isIdentifier(expression) && initializerOf(expression);
  return declared ? written(declared) : '…';
}

/** Of a constant of the same file. */
function initializerOf(identifier: ts.Identifier): ts.Expression | undefined {
  let initializer: ts.Expression | undefined;
  each(identifier.getSourceFile(), (node) => {
    if (ts.isVariableDeclaration(node) && node.name.getText() === identifier.text)
      initializer ??= node.initializer;
  });
  return initializer;
}

function each(node: ts.Node, visit: (node: ts.Node) => void): void {
  visit(node);
  node.forEachChild((child) => each(child, visit));
}
