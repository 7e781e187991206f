import { mergeConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

/** A test that stands in for a module needs modules of its own for every file. */
export default mergeConfig(shared, { test: { isolate: true } })
