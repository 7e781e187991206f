import { mergeConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

// Records the reference numbers anew: `pnpm --filter @pilotjs/conformance record`.
const config = mergeConfig(shared, {})
config.test!.include = ['src/record.ts']
export default config
