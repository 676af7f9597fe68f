"""The echo robot of the official Python SDK's own documentation. Nothing in it knows of the emulator: the SDK is sent there
by its environment variable DINGTALK_OPENAPI_ENDPOINT."""

import os

import dingtalk_stream
from dingtalk_stream import AckMessage


class Echo(dingtalk_stream.ChatbotHandler):
    async def process(self, callback: dingtalk_stream.CallbackMessage):
        message = dingtalk_stream.ChatbotMessage.from_dict(callback.data)
        text = "收到：" + message.text.content.strip()
        if message.conversation_type == "2":
            self.reply_markdown("回声", f"@{message.sender_staff_id} {text}", message)
        else:
            self.reply_text(text, message)
        return AckMessage.STATUS_OK, "OK"


credential = dingtalk_stream.Credential(os.environ["CLIENT_ID"], os.environ["CLIENT_SECRET"])
client = dingtalk_stream.DingTalkStreamClient(credential)
client.register_callback_handler(dingtalk_stream.chatbot.ChatbotMessage.TOPIC, Echo())
client.start_forever()
