"""Mail that comes back, read: replies, reports of mail servers, complaints, and machines that answer by themselves."""
