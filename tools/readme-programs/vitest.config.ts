export { default } from '../../vitest.few-icons.ts'
