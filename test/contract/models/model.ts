/** What a service's own model says of the answers to its operations, whichever library the model comes with. */
export interface ServiceModel {
  protocol: 'query' | 'ec2' | 'json' | 'rest-xml';
  operation(name: string): OperationModel;
  /** The errors that the model describes, by code, with the status of each where it says one. */
  errors: Map<string, number | undefined>;
}

export interface OperationModel {
  name: string;
  input: Shape | undefined;
  output: Shape | undefined;
  /** The member that is the whole body, in the services with paths. */
  payload: string | undefined;
  /** The codes of the errors it declares; undefined where the model does not tell them apart by operation. */
  errors: string[] | undefined;
}

export type Kind = 'structure' | 'list' | 'map' | 'string' | 'number' | 'boolean' | 'timestamp' | 'blob';

export interface Shape {
  kind: Kind;
  /** Of a structure, by the model's name. */
  members: Record<string, Member>;
  required: string[];
  /** What a list or a map holds. */
  element?: Member;
  enum?: string[];
  pattern?: string;
  min?: number;
  max?: number;
}

export interface Member {
  readonly shape: Shape;
  /** Its name in the body or header. */
  wire: string;
  in: 'body' | 'header' | 'elsewhere';
  /** A list without an element around it. */
  flat: boolean;
}
