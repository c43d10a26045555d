/** How one of AWS's clients is asked to call an operation, and what it makes of the answer. */
export interface ContractClient {
  name: 'sdk' | 'boto3' | 'aws';
  call(service: string, operation: string, input: object): Promise<Outcome>;
  close(): void;
}

export type Outcome = { output: object } | { code: string; message: string };
