// A server on FreeRDP 3's library that demands a licence, to see which of a client's licensing messages it takes.
// freerdp-licensing PORT CERTIFICATE.pem KEY.pem CHAIN: CHAIN is the certificate as [MS-RDPBCGR] 2.2.1.4.3.1 has it, for
// the licence request. Prints "ready", then FreeRDP's own log; serves one client after the other until it is killed.
#include <arpa/inet.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include <freerdp/crypto/certificate.h>
#include <freerdp/crypto/privatekey.h>
#include <freerdp/freerdp.h>
#include <freerdp/peer.h>
#include <freerdp/settings.h>
#include <winpr/ssl.h>
#include <winpr/synch.h>
#include <winpr/winsock.h>

static BYTE chain[16384];
static size_t chain_size;

static BOOL configure(rdpSettings* settings, char** words)
{
	char* issuers[] = { "licences.test" };
	rdpCertificate* certificate = freerdp_certificate_new_from_file(words[2]);
	rdpPrivateKey* key = freerdp_key_new_from_file(words[3]);
	return certificate && key &&
	       freerdp_settings_set_pointer_len(settings, FreeRDP_RdpServerCertificate, certificate, 1) &&
	       freerdp_settings_set_pointer_len(settings, FreeRDP_RdpServerRsaKey, key, 1) &&
	       freerdp_settings_set_pointer_len(settings, FreeRDP_ServerCertificate, chain, chain_size) &&
	       freerdp_settings_set_bool(settings, FreeRDP_RdpSecurity, FALSE) &&
	       freerdp_settings_set_bool(settings, FreeRDP_NlaSecurity, FALSE) &&
	       freerdp_settings_set_bool(settings, FreeRDP_TlsSecurity, TRUE) &&
	       freerdp_settings_set_bool(settings, FreeRDP_ServerLicenseRequired, TRUE) &&
	       freerdp_settings_set_string(settings, FreeRDP_ServerLicenseCompanyName, "Microsoft Corporation") &&
	       freerdp_settings_set_string(settings, FreeRDP_ServerLicenseProductName, "A02") &&
	       freerdp_settings_set_uint32(settings, FreeRDP_ServerLicenseProductVersion, 0x60003) &&
	       freerdp_server_license_issuers_copy(settings, issuers, 1);
}

static BOOL post_connect(freerdp_peer* client)
{
	(void)client;
	return TRUE;
}

static void serve(int fd, char** words)
{
	HANDLE handles[32];
	freerdp_peer* client = freerdp_peer_new(fd);
	if (!client || !freerdp_peer_context_new(client) || !configure(client->context->settings, words))
		exit(1);
	client->PostConnect = post_connect;
	client->Activate = post_connect;
	if (client->Initialize(client))
		for (;;)
		{
			const DWORD count = client->GetEventHandles(client, handles, 32);
			if (count == 0 || WaitForMultipleObjects(count, handles, FALSE, INFINITE) == WAIT_FAILED)
				break;
			if (!client->CheckFileDescriptor(client))
				break;
		}
	client->Disconnect(client);
	freerdp_peer_context_free(client);
	freerdp_peer_free(client);
}

int main(int count, char** words)
{
	WSADATA sockets;
	struct sockaddr_in place = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	const int one = 1;
	if (count != 5)
		return 2;
	FILE* file = fopen(words[4], "rb");
	if (!file)
		return 2;
	chain_size = fread(chain, 1, sizeof(chain), file);
	fclose(file);
	winpr_InitializeSSL(WINPR_SSL_INIT_DEFAULT);
	WSAStartup(MAKEWORD(2, 2), &sockets);
	place.sin_port = htons((unsigned short)atoi(words[1]));
	const int listener = socket(AF_INET, SOCK_STREAM, 0);
	setsockopt(listener, SOL_SOCKET, SO_REUSEADDR, &one, sizeof(one));
	if (bind(listener, (struct sockaddr*)&place, sizeof(place)) != 0 || listen(listener, 5) != 0)
		return 1;
	printf("ready\n");
	fflush(stdout);
	for (;;)
	{
		const int fd = accept(listener, NULL, NULL);
		if (fd >= 0)
			serve(fd, words);
	}
}
