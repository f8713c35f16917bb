// The rules that the API's document keeps. Each exception has its reason here, and decision 0063 has them together.
import { oas } from "@stoplight/spectral-rulesets";
import owasp from "@stoplight/spectral-owasp-ruleset";

/** The rule for what clients send alone: a limit of an answer would be a promise that a later version breaks. */
function ofRequests(rule, type) {
  const places = ["$.paths[*].parameters", "$.paths[*][*].parameters", "$.paths[*][*].requestBody"];
  const typed = `[?(@ && @.type && @.type.includes && @.type.includes("${type}"))]`;
  return { ...owasp.rules[rule], given: places.map((place) => `${place}..${typed}`) };
}

const slash = oas.rules["path-keys-no-trailing-slash"];
const stringLimit = ofRequests("owasp:api4:2023-string-limit", "string");

export default {
  extends: [oas, owasp],
  rules: {
    "owasp:api4:2023-array-limit": ofRequests("owasp:api4:2023-array-limit", "array"),
    "owasp:api4:2023-integer-limit": ofRequests("owasp:api4:2023-integer-limit", "integer"),
    "owasp:api4:2023-integer-format": ofRequests("owasp:api4:2023-integer-format", "integer"),
    "owasp:api4:2023-string-limit": {
      ...stringLimit,
      then: {
        ...stringLimit.then,
        functionOptions: {
          schema: {
            anyOf: [
              ...["maxLength", "enum", "const"].map((keyword) => ({ required: [keyword] })),
              // These have a length of their own.
              { required: ["format"], properties: { format: { enum: ["uuid", "date", "date-time"] } } },
            ],
          },
        },
      },
    },
    // The published document lets a source, a file name and a name be any text, and headers follow their own standards.
    "owasp:api4:2023-string-restricted": "off",
    // Limits are off until they are configured, and their fields are then in every answer: the 429 describes them once.
    "owasp:api4:2023-rate-limit": {
      ...owasp.rules["owasp:api4:2023-rate-limit"],
      given: "$.paths[*][*].responses[429]",
    },
    // No other origin is let in until one is configured, so no answer has the header by itself.
    "owasp:api8:2023-define-cors-origin": "off",
    // The published document has this path with its slash; the service answers without it as well.
    "path-keys-no-trailing-slash": {
      ...slash,
      then: { ...slash.then, functionOptions: { notMatch: "^(?!/imports/$).+/$" } },
    },
  },
};
