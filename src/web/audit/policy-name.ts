/** Under which name this browser keeps the policy that it has pinned. */
export const policyName = 'audit: log policy'
