/** What the upgrade needs of whoever tells people. */

/** A way to people who are not at the terminal. */
export interface Channel {
  name: 'topic' | 'web hook';
  /**
   * Whether there is such a way.
   * @throws PreconditionError WEB_HOOK_INVALID
   */
  isKept(): Promise<boolean>;
  send(subject: string, text: string): Promise<void>;
}

export interface People {
  channels(): Channel[];
  /** Of the topic, by whether they have confirmed that they want to be told. */
  subscribers(): Promise<{ confirmed: number; pending: number }>;
}
