/** The protocols, for filters and forms; their names are the same in every language. */
export const PROTOCOL_CHOICES = [
  { value: "ssh", label: "SSH" },
  { value: "telnet", label: "Telnet" },
  { value: "vnc", label: "VNC" },
  { value: "rdp", label: "RDP" },
] as const;
