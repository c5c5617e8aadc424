import { evaluate } from "@hearth/policy";
import { describe, expect, test } from "vitest";
import { compiledDocuments } from "./compiled-documents.ts";

const policy = (name: string, effect: "Allow" | "Deny", resource = "*") => ({
  name,
  document: JSON.stringify({
    Version: "2012-10-17",
    Statement: [{ Effect: effect, Action: "iot:Connect", Resource: resource }],
  }),
});
const decide = (...documents: ReturnType<typeof policy>[]) =>
  evaluate(compiledDocuments(documents).policies, { action: "iot:Connect", resource: "arn:aws:iot:r:1:client/a" });

describe("compiled policy documents", () => {
  test("of the same text are compiled once", () => {
    expect(compiledDocuments([policy("p", "Allow")])).toBe(compiledDocuments([policy("p", "Allow")]));
  });

  test("decide by their text, whatever was compiled under their name before", () => {
    expect(decide(policy("p", "Allow")).effect).toBe("allow");
    expect(decide(policy("p", "Deny")).effect).toBe("explicit-deny");
    expect(decide(policy("p", "Allow"), policy("p", "Deny")).effect).toBe("explicit-deny");
    expect(decide().effect).toBe("implicit-deny");
    expect(decide(policy("p", "Allow")).effect).toBe("allow");
  });

  test("name the policy in their reasons", () => {
    expect(decide(policy("one", "Allow")).reason).toContain('"one"');
    expect(decide(policy("two", "Allow")).reason).toContain('"two"');
  });

  test("that are many are still right after older ones were forgotten", () => {
    for (let i = 0; i < 300; i++) decide(policy(`p${i}`, i % 2 ? "Allow" : "Deny"));
    expect(decide(policy("p0", "Deny")).effect).toBe("explicit-deny");
    expect(decide(policy("p1", "Allow")).effect).toBe("allow");
  });

  test("tell whether they look into the certificate", () => {
    const variable = `arn:aws:iot:r:1:client/\${iot:Certificate.Subject.CommonName}`;
    expect(compiledDocuments([policy("p", "Allow", variable)]).looksAtCertificate).toBe(true);
    expect(compiledDocuments([policy("p", "Allow")]).looksAtCertificate).toBe(false);
  });
});
