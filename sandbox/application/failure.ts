/** Something that makes a view or a command of the application fail, as opposed to a fault of the sandbox. */
export class ApplicationError extends Error {
  constructor(
    /** The name under which Python would report it. */
    readonly pythonClass: string,
    message: string,
  ) {
    super(message);
  }

  traceback(): string {
    return `Traceback (most recent call last):\n  ...\n${this.pythonClass}: ${this.message}\n`;
  }
}

/** The database refused a statement, or cannot be reached. */
export class DatabaseError extends ApplicationError {
  constructor(
    /** PostgreSQL's code, such as 42501 for a missing privilege; undefined when no answer came. */
    readonly code: string | undefined,
    message: string,
  ) {
    super(`django.db.utils.${djangoClass(code)}`, message);
  }
}

/** The command's process was ended from outside. */
export class Killed extends Error {}

function djangoClass(code: string | undefined): string {
  if (code === undefined || /^(08|28|3D|57)/.test(code)) return 'OperationalError';
  if (code.startsWith('23')) return 'IntegrityError';
  if (code.startsWith('25')) return 'InternalError';
  if (code.startsWith('42')) return 'ProgrammingError';
  return 'DatabaseError';
}
