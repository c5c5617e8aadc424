import { type Client, createClient, ServiceException, type ServiceOperations } from "@hearth/client";
import { expect } from "vitest";
import { type Credentials, startTestPlatform, type TestPlatform } from "../kit/platform.ts";
import { errorFaultsOf, faultsOf, modelOf, statusOf } from "./answers.ts";
import { sdkClient } from "./sdk.ts";

export type Service = keyof ServiceOperations;
export type Input = Readonly<Record<string, unknown>>;

/** Clients of every service that check the form of each answer against the contract. */
export type Clients = { [Name in Service]: Client<ServiceOperations[Name]> };

export interface Door extends TestPlatform {
  /** AWS's own clients (ours for the services without one), signing with the root key. */
  root: Clients;
  as(credentials: Credentials): Clients;
  /** A user of the first account, with these statements as its only policy. */
  user(name: string, statements?: readonly object[]): Promise<Credentials>;
  /** Sends with our own client, which lets everything through. Rejects with `ServiceException`. */
  call(service: Service, operation: string, input: Input, credentials?: Credentials): Promise<Record<string, unknown>>;
}

export interface Refusal {
  name: string;
  status: number;
  message: string;
  members: Readonly<Record<string, unknown>>;
}

export const SERVICES: readonly Service[] = [
  "iot-managed-integrations",
  "iot",
  "iot-data",
  "iot-jobs-data",
  "kinesis",
  "iam",
  "sts",
  "kms",
  "logs",
  "cloudtrail",
  "lambda",
  "secretsmanager",
  "hearth",
];

/** A platform of its own for a test file. */
export async function openDoor(given?: Parameters<typeof startTestPlatform>[0]): Promise<Door> {
  const platform = await startTestPlatform(given);
  const { apiEndpoint: endpoint, region } = platform.file;
  const opened: { destroy(): void }[] = [];
  const called = new Map<string, ReturnType<typeof sender>>();

  function as(credentials: Credentials): Clients {
    const options = { endpoint, region, credentials, maxAttempts: 1 };
    const made: Partial<Record<Service, unknown>> = {};
    return new Proxy({} as Clients, {
      get(_, service: Service) {
        // Whoever awaits this asks whether it is a promise.
        if (!SERVICES.includes(service)) return undefined;
        made[service] ??= checking(service, () => {
          const client = sdkClient(service, options);
          opened.push(client);
          return client;
        });
        return made[service];
      },
    });
  }

  const root = as(platform.file);
  return {
    ...platform,
    root,
    as,
    user: (name, statements) => createUser(root, name, statements),
    async call(service, operation, input, credentials = platform.file) {
      const { accessKeyId, secretAccessKey, sessionToken } = credentials;
      const key = [service, accessKeyId, secretAccessKey, sessionToken].join();
      const client =
        called.get(key) ?? sender(createClient(service, { endpoint, region, credentials, maxAttempts: 1 }));
      called.set(key, client);
      return client.send(operation, input);
    },
    async stop(keep) {
      for (const client of opened) client.destroy();
      await platform.stop(keep);
    },
  };
}

function checking<Operations>(service: Service, open: () => Client<Operations>): Client<Operations> {
  const client = open();
  return {
    async send(operation, input) {
      const output = await client.send(operation, input);
      expect(faultsOf(service, operation, output), `the form of ${operation}'s answer`).toEqual([]);
      return output;
    },
  };
}

/** A user with a key; `statements` become its inline policy. */
async function createUser(
  clients: Clients,
  UserName: string,
  statements: readonly object[] = [],
): Promise<Credentials> {
  await clients.iam.send("CreateUser", { UserName });
  if (statements.length > 0) {
    const PolicyDocument = policy(...statements);
    await clients.iam.send("PutUserPolicy", { UserName, PolicyName: "its-own", PolicyDocument });
  }
  const { AccessKey } = await clients.iam.send("CreateAccessKey", { UserName });
  return { accessKeyId: AccessKey.AccessKeyId, secretAccessKey: AccessKey.SecretAccessKey };
}

/** A policy document in JSON. */
export const policy = (...Statement: readonly object[]): string => JSON.stringify({ Version: "2012-10-17", Statement });

export const allow = (Action: string | string[], Resource: string | string[] = "*"): object => ({
  Effect: "Allow",
  Action,
  Resource,
});

/** A client for operations that a table names. */
export interface Sender {
  send(operation: string, input: Input): Promise<Record<string, unknown>>;
}

export const sender = (client: unknown): Sender => client as Sender;

/** Waits for a refusal; anything else fails the test. */
export async function refusalOf(promise: Promise<unknown>): Promise<Refusal> {
  const outcome = await promise.then(
    (output) => ({ output }),
    (error: unknown) => ({ error }),
  );
  if (!("error" in outcome)) throw new Error(`was not refused: ${JSON.stringify(outcome.output)?.slice(0, 300)}`);
  const { error } = outcome;
  if (!(error instanceof ServiceException)) throw error;
  const { name, status, message, members } = error;
  return { name, status, message, members };
}

/**
 * Expects a modelled error of an operation: that it is declared, has the contract's status, and that its body has the
 * contract's form.
 */
export async function expectModelled(
  service: Service,
  operation: string,
  error: string,
  promise: Promise<unknown>,
): Promise<Refusal> {
  const refusal = await refusalOf(promise);
  expect(`${refusal.name}: ${refusal.message}`, `${operation}'s refusal`).toMatch(new RegExp(`^${error}: .`));
  expect(modelOf(service).operations[operation]?.errors, `${operation} declares ${error}`).toContain(error);
  expect(refusal.status, `the status of ${error}`).toBe(statusOf(service, error));
  expect(errorFaultsOf(service, error, refusal.members), `the form of ${error}`).toEqual([]);
  return refusal;
}

/** How a test file expects modelled errors of a service: from the root key's clients, unless others are to ask. */
export const refusing =
  (service: Service, root: () => Clients) =>
  (operation: string, error: string, input: Input, clients = root()): Promise<Refusal> =>
    expectModelled(service, operation, error, sender(clients[service]).send(operation, input));
