import shared from '../../vitest.shared.ts'

/** The whole proof: too long for every day. */
export default { ...shared, test: { ...shared.test, include: ['src/**/*.prove.ts'] } }
