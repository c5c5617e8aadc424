import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { compilePolicies } from "./compile.ts";
import { evaluate } from "./evaluate.ts";
import { parsePolicy } from "./parse.ts";
import type { PolicyPrincipal } from "./principals.ts";

const allow = (action: string, resource = "*") => ({ Effect: "Allow", Action: action, Resource: resource });
const deny = (action: string, resource = "*") => ({ ...allow(action, resource), Effect: "Deny" });
const policies = (...statements: object[]) =>
  compilePolicies([
    { name: "p", document: parsePolicy(JSON.stringify({ Version: "2012-10-17", Statement: statements }), "identity") },
  ]);

describe("evaluate", () => {
  test("without policies everything is denied", () => {
    const decision = evaluate(compilePolicies([]), { action: "iot:Publish", resource: "*" });
    expect(decision).toEqual({ effect: "implicit-deny", reason: "there are no policies" });
  });

  test("names the policy and the statement that decided, over several documents", () => {
    const document = (statement: object) => parsePolicy(JSON.stringify({ Statement: statement }), "iot");
    const compiled = compilePolicies([
      { name: "first", document: document({ ...allow("iot:*"), Sid: "All" }) },
      { name: "second", document: document(deny("iot:Delete*")) },
    ]);
    expect(evaluate(compiled, { action: "iot:GetThing", resource: "*" }).reason).toBe(
      'allowed by statement "All" of policy "first"',
    );
    expect(evaluate(compiled, { action: "iot:DeleteThing", resource: "*" }).reason).toBe(
      'iot:DeleteThing is denied by statement 1 of policy "second"',
    );
  });

  test("a denial names the nearest misses first and is of bounded length", () => {
    const far = Array.from({ length: 20 }, (_, i) => allow("iot:Publish", `arn:aws:iot:::topic/${i}`));
    const near = { ...allow("iot:Publish"), Sid: "Near", Condition: { Bool: { "x:y": "true" } } };
    const { reason } = evaluate(policies(...far, near), { action: "iot:Publish", resource: "arn:aws:iot:::topic/x" });
    expect(reason).toMatch(
      /; nearest: statement "Near" of policy "p": the condition Bool \["true"\] failed, x:y is absent; /,
    );
    expect(reason).toContain("and 16 more");
  });

  test("a denial says what was asked, and of equal misses the one that is most alike first", () => {
    const near = { ...allow("iot:Publish", "arn:aws:iot:r:1:topic/lamp/in"), Sid: "Near" };
    const far = { ...allow("iot:Publish", "arn:aws:iot:r:1:client/x"), Sid: "Far" };
    const request = { action: "iot:Publish", resource: "arn:aws:iot:r:1:topic/lamp/out" };
    expect(evaluate(policies(far, near), request).reason).toBe(
      "no statement allows iot:Publish on arn:aws:iot:r:1:topic/lamp/out; nearest: " +
        'statement "Near" of policy "p": its resource is arn:aws:iot:r:1:topic/lamp/in; ' +
        'statement "Far" of policy "p": its resource is arn:aws:iot:r:1:client/x',
    );
    expect(evaluate(policies(allow("iot:Connect")), request).reason).toBe(
      "no statement allows iot:Publish on arn:aws:iot:r:1:topic/lamp/out: none names the action",
    );
    expect(evaluate(policies(allow("*"), { ...deny("iot:Publish"), Sid: "No" }), request).reason).toBe(
      'iot:Publish on arn:aws:iot:r:1:topic/lamp/out is denied by statement "No" of policy "p"',
    );
  });

  test("a variable without a value is named, with the reason that the caller knows", () => {
    const compiled = policies(allow("iot:Connect", `arn:aws:iot:r:1:client/\${iot:Certificate.Subject.CommonName}`));
    const request = { action: "iot:Connect", resource: "arn:aws:iot:r:1:client/x" };
    const asked: string[] = [];
    const absence = (key: string) => {
      asked.push(key);
      return "the certificate has none";
    };
    const named = `the variable \${iot:Certificate.Subject.CommonName} has no value`;
    expect(evaluate(compiled, { ...request, absence }).reason).toContain(`${named}: the certificate has none`);
    expect(asked).toEqual(["iot:certificate.subject.commonname"]);
    expect(evaluate(compiled, request).reason).toContain(`${named} here`);
    const of = (value: string | string[]) => ({ context: { "iot:Certificate.Subject.CommonName": value } });
    expect(evaluate(compiled, { ...request, ...of("a*"), absence }).reason).toContain("holds one of * $ + ? #");
    expect(evaluate(compiled, { ...request, ...of(["a", "b"]), absence }).reason).toContain("several values");
    expect(evaluate(compiled, { ...request, ...of("x"), absence }).effect).toBe("allow");
    expect(asked).toHaveLength(1);
  });

  test("no text of a stranger's makes a reason long", () => {
    const long = "x".repeat(60_000);
    const statements = Array.from({ length: 3 }, () => ({
      ...allow("iot:Publish"),
      Resource: Array.from({ length: 5 }, () => `arn:aws:iot:r:1:topic/${"y".repeat(350)}`),
    }));
    for (const compiled of [policies(...statements), policies(deny("*")), policies(allow("iot:Connect"))]) {
      const { reason } = evaluate(compiled, { action: "iot:Publish", resource: `arn:aws:iot:r:1:topic/${long}` });
      expect(reason.length).toBeLessThan(3_700);
    }
  });

  test("adding an allow never removes a permission, adding a deny never grants one", () => {
    const statement = fc.record({
      Effect: fc.constantFrom("Allow", "Deny"),
      Action: fc.constantFrom("*", "iot:*", "iot:Publish", "iot:P?blish", "iot:Connect"),
      Resource: fc.constantFrom(
        "*",
        "arn:aws:iot:r:1:topic/a",
        "arn:aws:iot:r:1:topic/*",
        `arn:aws:iot:*:1:topic/\${iot:ClientId}`,
      ),
    });
    const request = {
      action: "iot:Publish",
      resource: "arn:aws:iot:r:1:topic/a",
      context: { "iot:ClientId": "a" },
    };
    fc.assert(
      fc.property(fc.array(statement, { minLength: 1, maxLength: 5 }), statement, (before, added) => {
        const was = evaluate(policies(...before), request).effect === "allow";
        const is = evaluate(policies(...before, added), request).effect === "allow";
        if (added.Effect === "Allow") expect(was && !is).toBe(false);
        else expect(is && !was).toBe(false);
      }),
    );
  });
});

describe("principals [AWS: IAM JSON policy elements: Principal]", () => {
  const trust = (principal: object, effect = "Allow", more: object = {}) =>
    compilePolicies([
      {
        name: "trust",
        document: parsePolicy(
          JSON.stringify({
            Version: "2012-10-17",
            Statement: { Effect: effect, Action: "sts:AssumeRole", ...principal, ...more },
          }),
          "trust",
        ),
      },
    ]);
  const role = "arn:aws:iam::123456789012:role/r";
  const ann: PolicyPrincipal = {
    type: "AWS",
    accountId: "123456789012",
    arns: ["arn:aws:iam::123456789012:user/ann"],
  };
  const may = (compiled: ReturnType<typeof trust>, principal?: PolicyPrincipal): string =>
    evaluate(compiled, { action: "sts:AssumeRole", resource: role, principal }).effect;

  test("an account, its root, an ARN, everyone", () => {
    for (const aws of ["123456789012", "arn:aws:iam::123456789012:root", "arn:aws:iam::123456789012:user/ann", "*"]) {
      expect(may(trust({ Principal: { AWS: aws } }), ann)).toBe("allow");
    }
    expect(may(trust({ Principal: "*" }), ann)).toBe("allow");
    expect(may(trust({ Principal: { AWS: ["999999999999", "arn:aws:iam::123456789012:user/bob"] } }), ann)).toBe(
      "implicit-deny",
    );
  });

  test("an account is not taken for its members when the caller's account is left out", () => {
    const direct: PolicyPrincipal = { type: "AWS", arns: ann.type === "AWS" ? ann.arns : [] };
    expect(may(trust({ Principal: { AWS: "123456789012" } }), direct)).toBe("implicit-deny");
    expect(may(trust({ Principal: { AWS: "arn:aws:iam::123456789012:user/ann" } }), direct)).toBe("allow");
  });

  test("services are their own kind", () => {
    const service: PolicyPrincipal = { type: "Service", name: "iotmanagedintegrations.amazonaws.com" };
    const compiled = trust({ Principal: { Service: "iotmanagedintegrations.amazonaws.com" } });
    expect(may(compiled, service)).toBe("allow");
    expect(may(compiled, { type: "Service", name: "iot.amazonaws.com" })).toBe("implicit-deny");
    expect(may(compiled, ann)).toBe("implicit-deny");
    expect(may(compiled)).toBe("implicit-deny");
    expect(may(trust({ Principal: "*" }), service)).toBe("implicit-deny");
  });

  test("NotPrincipal is everybody else", () => {
    const compiled = trust({ NotPrincipal: { AWS: "arn:aws:iam::123456789012:user/ann" } }, "Deny");
    expect(may(compiled, ann)).toBe("implicit-deny");
    expect(may(compiled, { type: "AWS", accountId: "1", arns: ["x"] })).toBe("explicit-deny");
  });
});
