import * as nodeFiles from "node:fs/promises";
import { dirname } from "node:path";
import { type Files, isMissing, syncDirectory } from "../state/json-file.ts";
import type { CertificateHandler, CertificateType } from "./certificate-handler.ts";

export interface CertificatePaths {
  claimCertificatePath: string;
  claimKeyPath: string;
  certificatePath: string;
  keyPath: string;
}

/** Certificates and keys in files (reference 10.4), the permanent key in one of mode 0600. */
export function createFileCertificateHandler(
  paths: CertificatePaths,
  files: Files = nodeFiles,
): Required<Omit<CertificateHandler, "csr">> {
  const pathsOf = (type: CertificateType): [certificate: string, key: string] | undefined => {
    if (type === "CLAIM") return [paths.claimCertificatePath, paths.claimKeyPath];
    return type === "PERMANENT" ? [paths.certificatePath, paths.keyPath] : undefined;
  };

  async function text(path: string): Promise<string | undefined> {
    try {
      // A claim that was copied out of JSON has `\n` spelled out (reference 10.4, step 5).
      return (await files.readFile(path, "utf8")).replaceAll("\\n", "\n");
    } catch (error) {
      if (isMissing(error)) return undefined;
      throw error;
    }
  }

  /** No `.previous` is kept: an old key is of no use but to a thief. */
  async function write(path: string, content: string): Promise<void> {
    const fresh = `${path}.new`;
    try {
      const handle = await files.open(fresh, "w", 0o600);
      try {
        await handle.chmod(0o600);
        await handle.writeFile(content);
        await handle.sync();
      } finally {
        await handle.close();
      }
      await files.rename(fresh, path);
    } catch (error) {
      await files.rm(fresh, { force: true }).catch(() => {});
      throw error;
    }
  }

  return {
    async read(type) {
      const [certificatePath, keyPath] = pathsOf(type) ?? [];
      if (!certificatePath || !keyPath) return undefined;
      const [certificate, pem] = [await text(certificatePath), await text(keyPath)];
      return certificate === undefined || pem === undefined ? undefined : { certificate, key: { pem } };
    },

    async writePermanent(certificate, key) {
      if (key === undefined) throw new TypeError("files keep the key that they are given: there is none");
      for (const directory of new Set([dirname(paths.keyPath), dirname(paths.certificatePath)])) {
        await files.mkdir(directory, { recursive: true, mode: 0o700 });
      }
      await write(paths.keyPath, key);
      await write(paths.certificatePath, certificate);
      await syncDirectory(dirname(paths.keyPath), files);
      await syncDirectory(dirname(paths.certificatePath), files);
    },

    async erasePermanent() {
      for (const path of [paths.keyPath, paths.certificatePath]) {
        await files.rm(path, { force: true });
        await files.rm(`${path}.new`, { force: true });
      }
      for (const path of [paths.keyPath, paths.certificatePath]) {
        await syncDirectory(dirname(path), files).catch((error) => {
          if (!isMissing(error)) throw error;
        });
      }
    },
  };
}
