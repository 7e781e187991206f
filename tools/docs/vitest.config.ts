import { mergeConfig } from 'vitest/config'
import shared from '../../vitest.shared.ts'

// GitHub's parser imports JSON in a way that Node does not know, and names sources that its package leaves out.
const parser = { logLevel: 'error', test: { server: { deps: { inline: [/@actions\/workflow-parser/] } } } } as const

export default mergeConfig(parser, shared)
