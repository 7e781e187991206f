/** The address at which a bundler serves the weights. */
declare const url: string
export default url
