import ipaddr from 'ipaddr.js'

/** Azure's WireServer answers on a public address, to its own machines alone. */
const metadata = ['168.63.129.16']

/** Global unicast; everything else in IPv6 is local, special or not given out (RFC 4291, IANA's registry). */
const globalUnicast = ipaddr.IPv6.parseCIDR('2000::/3')

/**
 * Whether an address, in its plain form, may be reached: public ones, and those within the allowed networks.
 * @param allowed CIDR
 */
export function networkGuard(allowed: string[]): (address: string) => boolean {
  const networks = allowed.map((network) => ipaddr.parseCIDR(network))
  const within = (address: ipaddr.IPv4 | ipaddr.IPv6) =>
    networks.some(([network, bits]) => network.kind() === address.kind() && address.match(network, bits))
  return (text) => {
    if (!ipaddr.isValid(text)) return false
    const given = ipaddr.parse(text)
    const address = within(given) ? given : meant(given)
    return within(address) || isPublic(address)
  }
}

/** The IPv4 address that an IPv6 one stands for: mapped (RFC 4291) or through a NAT64 (RFC 6052). */
function meant(address: ipaddr.IPv4 | ipaddr.IPv6): ipaddr.IPv4 | ipaddr.IPv6 {
  if (address.kind() === 'ipv4') return address
  const inner = address as ipaddr.IPv6
  if (inner.isIPv4MappedAddress()) return inner.toIPv4Address()
  if (inner.match(ipaddr.IPv6.parseCIDR('64:ff9b::/96'))) {
    return new ipaddr.IPv4(inner.toByteArray().slice(12))
  }
  return address
}

/** Tunnels (6to4, Teredo) are no public addresses either: what is behind them cannot be seen. */
function isPublic(address: ipaddr.IPv4 | ipaddr.IPv6): boolean {
  if (address.range() !== 'unicast') return false
  if (address.kind() === 'ipv4') return !metadata.includes(address.toString())
  return (address as ipaddr.IPv6).match(globalUnicast)
}
