import type {
  CloudtrailOperations,
  HearthOperations,
  IamOperations,
  IotDataOperations,
  IotJobsDataOperations,
  IotOperations,
  KinesisOperations,
  KmsOperations,
  LambdaOperations,
  LogsOperations,
  ManagedIntegrationsOperations,
  SecretsmanagerOperations,
  StsOperations,
} from "@hearth/contract";

/** The services that this client speaks to, and their operations. */
export interface ServiceOperations {
  "iot-managed-integrations": ManagedIntegrationsOperations;
  iot: IotOperations;
  "iot-data": IotDataOperations;
  "iot-jobs-data": IotJobsDataOperations;
  kinesis: KinesisOperations;
  iam: IamOperations;
  sts: StsOperations;
  kms: KmsOperations;
  logs: LogsOperations;
  cloudtrail: CloudtrailOperations;
  lambda: LambdaOperations;
  secretsmanager: SecretsmanagerOperations;
  hearth: HearthOperations;
}

export type InputOf<Operation> = Operation extends { input: infer Input } ? Input : never;
export type OutputOf<Operation> = Operation extends { output: infer Output } ? Output : never;

/**
 * How lists go on: the input's member takes what the output's gave. Streams that never end (GetRecords, GetLogEvents)
 * are no lists.
 */
export const PAGE_TOKENS = [
  { input: "NextToken", output: "NextToken" },
  { input: "nextToken", output: "nextToken" },
  { input: "Marker", output: "Marker" },
  { input: "Marker", output: "NextMarker" },
  { input: "marker", output: "nextMarker" },
] as const;

type PageToken = (typeof PAGE_TOKENS)[number];

type Pages<Operation, Token = PageToken> = Token extends {
  input: infer In extends string;
  output: infer Out extends string;
}
  ? In extends keyof InputOf<Operation>
    ? Out extends keyof OutputOf<Operation>
      ? true
      : never
    : never
  : never;

/** The operations that answer in pages. */
export type Paginated<Operations> = {
  [Name in keyof Operations & string]: [Pages<Operations[Name]>] extends [never] ? never : Name;
}[keyof Operations & string];

/** Absent where nothing is required. */
type Arguments<Input> = Record<never, never> extends Input ? [input?: Input] : [input: Input];

/** Each operation as a method: `client.listManagedThings({ … })`. */
export type Methods<Operations> = {
  [Name in keyof Operations & string as Uncapitalize<Name>]: (
    ...input: Arguments<InputOf<Operations[Name]>>
  ) => Promise<OutputOf<Operations[Name]>>;
};

export interface Client<Operations> {
  send<Name extends keyof Operations & string>(
    operation: Name,
    input: InputOf<Operations[Name]>,
  ): Promise<OutputOf<Operations[Name]>>;
}

/** A client of one service: every operation by name and as a method, lists page by page. */
export type ServiceClient<Operations> = Client<Operations> &
  Methods<Operations> & {
    /** Each page that a list has, from the input's own place on; asks for the next when the loop wants it. */
    pages<Name extends Paginated<Operations>>(
      operation: Name,
      input: InputOf<Operations[Name]>,
    ): AsyncGenerator<OutputOf<Operations[Name]>, void, undefined>;
  };
