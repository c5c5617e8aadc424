/** The parts of a published API model (botocore's JSON form) that are compared. */
export interface PublishedModel {
  metadata: { apiVersion: string; signingName?: string; protocol: string };
  operations: Readonly<Record<string, PublishedOperation>>;
  shapes: Readonly<Record<string, PublishedShape>>;
}

export interface PublishedOperation {
  http: { method: string; requestUri: string; responseCode?: number };
  input?: { shape: string };
  output?: { shape: string };
  errors?: readonly { shape: string }[];
}

export interface PublishedMember {
  shape: string;
  location?: string;
  locationName?: string;
  idempotencyToken?: boolean;
  jsonvalue?: boolean;
  sensitive?: boolean;
}

export interface PublishedShape {
  type: string;
  members?: Readonly<Record<string, PublishedMember>>;
  required?: readonly string[];
  payload?: string;
  union?: boolean;
  document?: boolean;
  sensitive?: boolean;
  member?: PublishedMember;
  key?: PublishedMember;
  value?: PublishedMember;
  min?: number;
  max?: number;
  pattern?: string;
  enum?: readonly string[];
  flattened?: boolean;
  streaming?: boolean;
  timestampFormat?: string;
  exception?: boolean;
  fault?: boolean;
  error?: { httpStatusCode?: number; code?: string };
}
