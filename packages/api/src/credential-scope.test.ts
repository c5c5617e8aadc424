import { ServiceError } from "@hearth/contract";
import fc from "fast-check";
import { expect, test } from "vitest";
import { scopeService } from "./credential-scope.ts";

const inHeader = (authorization: string) => scopeService({ headers: { authorization }, rawQuery: "" });
const inQuery = (rawQuery: string) => scopeService({ headers: {}, rawQuery });

test("the service of the scope, in the header or in the query", () => {
  const credential = "AKIA/20260101/us-east-1/iot/aws4_request";
  expect(inHeader(`AWS4-HMAC-SHA256 Credential=${credential}, SignedHeaders=host, Signature=0`)).toBe("iot");
  expect(inHeader(`AWS4-HMAC-SHA256 SignedHeaders=host,Signature=0,Credential=${credential}`)).toBe("iot");
  expect(inHeader(`AWS4-HMAC-SHA256 Credential=A/B/${credential},Signature=0`)).toBe("iot");
  expect(inQuery(`a=b&X-Amz-Credential=${encodeURIComponent(credential)}&X-Amz-Signature=0`)).toBe("iot");
  expect(inQuery("a=b&X-Amz-Date=x")).toBeUndefined();
});

test("whatever comes: a name, nothing, or IncompleteSignatureException", () => {
  const part = fc.constantFrom(
    "AWS4-HMAC-SHA256 ",
    "Credential=",
    "/",
    "aws4_request",
    ",",
    "X-Amz-Credential=",
    "&",
    "%",
  );
  fc.assert(
    fc.property(fc.array(fc.oneof(part, fc.string())), (parts) => {
      for (const read of [inHeader, inQuery]) {
        try {
          expect(["string", "undefined"]).toContain(typeof read(parts.join("")));
        } catch (error) {
          expect(error).toBeInstanceOf(ServiceError);
        }
      }
    }),
  );
});
