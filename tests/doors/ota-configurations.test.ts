import { afterAll, beforeAll, expect, test } from "vitest";
import { type Door, expectModelled, type Input, openDoor, sender } from "./door.ts";

const SERVICE = "iot-managed-integrations";

let door: Door;
beforeAll(async () => {
  door = await openDoor();
});
afterAll(() => door.stop());

const send = (operation: string, input: Input): Promise<Input> => sender(door.root[SERVICE]).send(operation, input);
const refused = (operation: string, error: string, input: Input) =>
  expectModelled(SERVICE, operation, error, send(operation, input));

const PushConfig = {
  AbortConfig: {
    AbortConfigCriteriaList: [
      { Action: "CANCEL", FailureType: "FAILED", MinNumberOfExecutedThings: 1, ThresholdPercentage: 90 },
    ],
  },
  RolloutConfig: {
    ExponentialRolloutRate: {
      BaseRatePerMinute: 1,
      IncrementFactor: 3,
      RateIncreaseCriteria: { numberOfNotifiedThings: 1 },
    },
    MaximumPerMinute: 1,
  },
  TimeoutConfig: { InProgressTimeoutInMinutes: 100 },
};

test("a configuration is kept as it was given, listed and deleted", async () => {
  const given = { Name: "slow", Description: "one by one", PushConfig };
  const { TaskConfigurationId } = await send("CreateOtaTaskConfiguration", given);
  const Identifier = TaskConfigurationId;
  const found = await send("GetOtaTaskConfiguration", { Identifier });
  expect(found).toEqual({ TaskConfigurationId, ...given, CreatedAt: expect.any(Number) });
  const { CreatedAt } = found;
  const { Items } = await send("ListOtaTaskConfigurations", {});
  expect(Items).toEqual([{ TaskConfigurationId, Name: "slow", CreatedAt }]);
  await send("DeleteOtaTaskConfiguration", { Identifier });
  for (const operation of ["GetOtaTaskConfiguration", "DeleteOtaTaskConfiguration"]) {
    await refused(operation, "ResourceNotFoundException", { Identifier });
  }
});

test("a rollout speeds up by one measure", async () => {
  const by = (RateIncreaseCriteria: object) => ({
    PushConfig: { RolloutConfig: { ExponentialRolloutRate: { RateIncreaseCriteria } } },
  });
  await send("CreateOtaTaskConfiguration", by({ numberOfSucceededThings: 100 }));
  const both = { numberOfNotifiedThings: 1, numberOfSucceededThings: 1 };
  for (const wrong of [{}, both]) {
    await refused("CreateOtaTaskConfiguration", "ValidationException", by(wrong));
  }
});
