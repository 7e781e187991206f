export * from './part'
export * from './part-list'
export * from './value-part'
