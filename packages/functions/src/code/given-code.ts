import { invalidParameter } from "../function.ts";
import { digestOf } from "./digest.ts";
import { BadZip, checkZip } from "./zip-archive.ts";

/** The code of a request, checked; `sha256` in hex. Throws `InvalidParameterValueException`. */
export type ReadCode = (
  given: { ZipFile?: Uint8Array; S3Bucket?: string; S3Key?: string; ImageUri?: string },
  accountId: string,
) => Promise<{ zip: Uint8Array; sha256: string }>;

/**
 * `fromDirectory`: for S3Bucket `directory`, S3Key its absolute path, and callers of one account; absent: directories
 * cannot be deployed.
 */
export const createReadCode =
  (deps: { fromDirectory?: ((path: string) => Promise<Uint8Array>) | undefined; directoryAccount: string }): ReadCode =>
  async (given, accountId) => {
    const allowed = accountId === deps.directoryAccount ? deps.fromDirectory : undefined;
    const zip = given.ZipFile ?? (await named(given, allowed));
    try {
      await checkZip(zip);
    } catch (error) {
      if (error instanceof BadZip) throw invalidParameter(error.message);
      throw error;
    }
    return { zip, sha256: (await digestOf(zip)).toString("hex") };
  };

/** What stands for a bucket where a directory of the server's machine is meant. */
const DIRECTORY_BUCKET = "directory";

async function named(
  given: Parameters<ReadCode>[0],
  fromDirectory: ((path: string) => Promise<Uint8Array>) | undefined,
): Promise<Uint8Array> {
  if (given.ImageUri !== undefined) throw invalidParameter("ImageUri: images are not supported here; send a zip.");
  if (given.S3Bucket === undefined) throw invalidParameter("Please provide a source for function code: ZipFile.");
  if (given.S3Bucket !== DIRECTORY_BUCKET) {
    throw invalidParameter("S3Bucket: code comes by ZipFile here (aws lambda … --zip-file fileb://code.zip).");
  }
  if (!fromDirectory) {
    throw invalidParameter(
      "S3Bucket directory: name the directories that may be deployed in HEARTH_FUNCTION_DIRECTORIES.",
    );
  }
  return fromDirectory(given.S3Key ?? "");
}
