export * from './coda-prompt'
export { codaPrompt as default } from './coda-prompt'
