import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";

/** What a hub needs to know of its cloud before its first start (reference 10.4, steps 1 to 3). */
export interface HubClaim {
  endpoint: string;
  port: number;
  /** PEM of the root that the cloud's certificate leads to. */
  rootCa: string;
  /** Name of the provisioning profile, with its claim certificate and key (PEM). */
  templateName: string;
  claimCertificate: string;
  claimPrivateKey: string;
  serialNumber: string;
  productCode: string;
}

/** The directories of one hub. */
export interface HubHome {
  root: string;
  configPath: string;
  /** Of the IPC socket. */
  ipcPath: string;
  /** `iotmi_config.json` as it is now. */
  configuration(): { ro: Record<string, unknown>; rw: Record<string, unknown> };
}

/** Steps 4 to 7 of reference 10.4 below `root`, which is to be HEARTH_HUB_ROOT: directories, claim, `iotmi_config.json`. */
export function furnishHub(root: string, claim: HubClaim): HubHome {
  const [certificates, configurations] = [join(root, "data/aws/iotmi/certs"), join(root, "data/aws/iotmi/config")];
  for (const directory of [certificates, configurations]) mkdirSync(directory, { recursive: true, mode: 0o700 });
  const certificate = (name: string, pem: string): string => {
    const path = join(certificates, name);
    writeFileSync(path, pem, { mode: 0o600 });
    return path;
  };
  const ro = {
    iot_provisioning_method: "FLEET_PROVISIONING",
    iot_claim_cert_path: certificate("claim_cert.pem", claim.claimCertificate),
    iot_claim_pk_path: certificate("claim_pk.key", claim.claimPrivateKey),
    fp_template_name: claim.templateName,
    endpoint_url: claim.endpoint,
    endpoint_port: claim.port,
    root_ca_path: certificate("root_ca.pem", claim.rootCa),
    SN: claim.serialNumber,
    UPC: claim.productCode,
  };
  const configPath = join(configurations, "iotmi_config.json");
  writeFileSync(configPath, JSON.stringify({ ro, rw: { iot_provisioning_state: "NOT_PROVISIONED" } }, null, 2));
  return {
    root,
    configPath,
    ipcPath: join(root, "dev/aipc/aipc.sock"),
    configuration: () => JSON.parse(readFileSync(configPath, "utf8")),
  };
}
