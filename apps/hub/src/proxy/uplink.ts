import { readFile } from "node:fs/promises";
import type { Clock, Logger } from "@hearth/base";
import { type BackOff, createMqttAgent } from "@hearth/device-sdk";
import type { KeyMaterial } from "../certificates/certificate-handler.ts";
import type { CloudSettings } from "../configuration/configuration.ts";
import type { Uplink } from "./proxy-service.ts";

export interface UplinkOptions {
  cloud: CloudSettings;
  certificate: string;
  key: KeyMaterial;
  clientId: string;
  clock: Clock;
  log: Logger;
  backOff?: BackOff;
}

/** The connection to the cloud: MQTT.js with a key in PEM. */
export async function createUplink({ cloud, certificate, key, clientId, ...rest }: UplinkOptions): Promise<Uplink> {
  const ca = cloud.rootCaPath === undefined ? {} : { ca: await readFile(cloud.rootCaPath, "utf8") };
  if (!("pem" in key)) throw new Error("a key that stays in its token cannot be used");
  const { host, port } = cloud;
  const connection = { host, port, ...ca, certificate, privateKey: key.pem, clientId };
  return createMqttAgent({ connection, ...rest });
}
