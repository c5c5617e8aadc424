import { createPrivateKey, X509Certificate } from "node:crypto";
import { type Clock, type Logger, messageOf, randomHex, silentLogger, systemClock } from "@hearth/base";
import { type BackOff, pause, pauseBefore, usualBackOff } from "./back-off.ts";
import type { CredentialStore, DeviceCredential, PendingCredential } from "./credential-store.ts";
import { NetworkError, ProvisioningError } from "./errors.ts";
import { isObject, type JsonObject, member, text } from "./json.ts";
import { openProvisioningClient, type ProvisioningClient } from "./provisioning-client.ts";

/** The device's own data: what the provisioning template's parameters are (reference 11.2). */
export interface DeviceInfo {
  SerialNumber: string;
  UniversalProductCode: string;
}

/**
 * Makes a PKCS #10 request (PEM) signed by a key that stays where it is; `privateKey` of what is stored is then empty.
 * Called again after a crash, it may use the same key.
 */
export type CertificateRequester = (commonName: string) => Promise<string>;

export interface ProvisionOptions {
  host: string;
  /** 8883 by default; on 443 with ALPN. */
  port?: number;
  ca?: string;
  claimCertificate: string;
  claimPrivateKey: string;
  /** The name of the provisioning profile. */
  templateName: string;
  parameters: DeviceInfo;
  store: CredentialStore;
  /**
   * True: make the key here and send a certificate signing request, so that the key never leaves the device. A function
   * does so where a secure element keeps the key to itself.
   */
  csr?: boolean | CertificateRequester;
  /** Milliseconds; 30,000 for the connection and 10,000 for each answer by default. */
  timeouts?: { connect?: number; answer?: number };
  /** How often to try before a network failure is thrown; 10 by default. */
  attempts?: number;
  backOff?: BackOff;
  alpn?: string[];
  protocolVersion?: 4 | 5;
  /** Called with each network failure after which it is tried again, and the pause in milliseconds. */
  onRetry?: (error: Error, pause: number) => void;
  /** Ends the waiting between attempts; `provision` then throws its reason. */
  signal?: AbortSignal;
  clock?: Clock;
  random?: () => number;
  log?: Logger;
}

/** The ownership token lives an hour (reference 6); what is nearly over is not worth trying. */
const TOKEN_LIFE = 55 * 60_000;

/**
 * Makes sure that the device has its permanent certificate: returns the one in the store, or obtains it by claim
 * (reference 11.2, steps 1 to 3). Throws ProvisioningError when the platform refuses (never tried again),
 * NetworkError when it could not be reached in so many attempts.
 *
 * Every step is durable before the next begins. After a crash, call again: a certificate that had been issued is
 * registered if that is still possible, or else left to expire, and the whole is done anew.
 */
export async function provision(options: ProvisionOptions): Promise<DeviceCredential> {
  const { store, clock = systemClock, random = Math.random, log = silentLogger } = options;
  const present = await store.load("Device Cert");
  if (present) {
    await store.erase("Pending Cert");
    return present;
  }
  const attempts = options.attempts ?? 10;
  for (let attempt = 0; ; attempt++) {
    options.signal?.throwIfAborted();
    try {
      return await provisionOnce(options, clock, log);
    } catch (error) {
      if (!(error instanceof NetworkError) || attempt + 1 >= attempts) throw error;
      const wait = pauseBefore(attempt, options.backOff ?? usualBackOff, random);
      log.warn({ error: messageOf(error), wait }, "provisioning failed, trying again");
      options.onRetry?.(error, wait);
      await pause(clock, wait, options.signal);
    }
  }
}

async function provisionOnce(options: ProvisionOptions, clock: Clock, log: Logger): Promise<DeviceCredential> {
  const { store } = options;
  const client = await openProvisioningClient(
    {
      host: options.host,
      port: options.port,
      ca: options.ca,
      certificate: options.claimCertificate,
      privateKey: options.claimPrivateKey,
      // Not the serial number: client ids stand in logs.
      clientId: `claim-${randomHex(8)}`,
      connectTimeout: options.timeouts?.connect,
      alpn: options.alpn,
      protocolVersion: options.protocolVersion,
    },
    options.timeouts?.answer ?? 10_000,
    clock,
  );
  try {
    log.info({ templateName: options.templateName }, "connected with the claim certificate");
    const device = await register(client, options, clock, log);
    await store.save("Device Cert", device);
    await store.erase("Pending Cert");
    log.info({ managedThingId: device.managedThingId }, "provisioned");
    return device;
  } finally {
    await client.close();
  }
}

async function register(
  client: ProvisioningClient,
  options: ProvisionOptions,
  clock: Clock,
  log: Logger,
): Promise<DeviceCredential> {
  const left = await options.store.load("Pending Cert");
  if (left && clock.now() - left.createdAt < TOKEN_LIFE && clock.now() >= left.createdAt) {
    try {
      return await registerThing(client, options, left);
    } catch (error) {
      // Perhaps the token has been used or forgotten; only the answer to a fresh one says whether we are wanted.
      if (!(error instanceof ProvisioningError)) throw error;
      log.warn({ reason: error.message }, "an earlier run's certificate cannot be registered, asking for another");
    }
  }
  const issued = await createCertificate(client, options, clock);
  await options.store.save("Pending Cert", issued);
  log.info({ certificateId: issued.certificateId }, "certificate issued");
  return await registerThing(client, options, issued);
}

/** CreateKeysAndCertificate, or CreateCertificateFromCsr. */
async function createCertificate(
  client: ProvisioningClient,
  { csr, parameters }: ProvisionOptions,
  clock: Clock,
): Promise<PendingCredential> {
  let ownKey: string | undefined;
  let keptRequest: string | undefined;
  let answer: JsonObject;
  if (csr) {
    let certificateSigningRequest: string;
    if (csr === true) {
      // Loaded only where it is needed: it costs a small device more than the rest of this package.
      const { createCertificateRequest } = await import("./certificate-request.ts");
      ({ privateKey: ownKey, certificateSigningRequest } = await createCertificateRequest(parameters.SerialNumber));
    } else {
      keptRequest = certificateSigningRequest = await csr(parameters.SerialNumber);
      ownKey = "";
    }
    answer = await client.request("$aws/certificates/create-from-csr/json", { certificateSigningRequest });
  } else answer = await client.request("$aws/certificates/create/json", undefined);
  const certificate = required(answer, "certificatePem");
  const privateKey = ownKey ?? required(answer, "privateKey");
  const fits =
    keptRequest === undefined ? belongTogether(certificate, privateKey) : await answersTo(certificate, keptRequest);
  if (!fits) throw new ProvisioningError(500, "InvalidAnswer", "the certificate does not belong to the key");
  return {
    certificate,
    privateKey,
    certificateId: required(answer, "certificateId"),
    certificateOwnershipToken: required(answer, "certificateOwnershipToken"),
    createdAt: clock.now(),
  };
}

/** RegisterThing. */
async function registerThing(
  client: ProvisioningClient,
  { templateName, parameters }: ProvisionOptions,
  { certificate, privateKey, certificateId, certificateOwnershipToken }: PendingCredential,
): Promise<DeviceCredential> {
  const answer = await client.request(`$aws/provisioning-templates/${templateName}/provision/json`, {
    certificateOwnershipToken,
    parameters: { ...parameters },
  });
  const configuration = member(answer, "deviceConfiguration");
  if (!isObject(configuration)) throw new ProvisioningError(500, "InvalidAnswer", "deviceConfiguration is missing");
  return {
    certificate,
    privateKey,
    certificateId,
    managedThingId: required(configuration, "managedThingId"),
    clientId: required(configuration, "clientId"),
    thingName: required(answer, "thingName"),
  };
}

function required(object: JsonObject, name: string): string {
  const value = text(object, name);
  if (!value) throw new ProvisioningError(500, "InvalidAnswer", `${name} is missing`);
  return value;
}

async function answersTo(certificate: string, request: string): Promise<boolean> {
  const { isForRequest } = await import("./certificate-request.ts");
  return isForRequest(certificate, request);
}

function belongTogether(certificate: string, privateKey: string): boolean {
  try {
    return new X509Certificate(certificate).checkPrivateKey(createPrivateKey(privateKey));
  } catch {
    return false;
  }
}
